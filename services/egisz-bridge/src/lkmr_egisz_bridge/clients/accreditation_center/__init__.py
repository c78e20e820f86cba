"""The accreditation centre (ФАЦ): its REST, its words."""
