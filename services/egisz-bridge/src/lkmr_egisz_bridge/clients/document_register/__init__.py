"""The register of education documents (ФИС ФРДО): REST with JSON."""
