-- Once, in template1, from which the databases are made: what the owner of a database makes later
-- its program may read and write, but not alter. Who reaches which database is said in pg_hba.
REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA public TO auth_app;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO auth_app;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT USAGE, SELECT ON SEQUENCES TO auth_app;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT USAGE ON SCHEMAS TO auth_app;

GRANT USAGE ON SCHEMA public TO accreditation_app;
ALTER DEFAULT PRIVILEGES FOR ROLE accreditation_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO accreditation_app;
ALTER DEFAULT PRIVILEGES FOR ROLE accreditation_owner GRANT USAGE, SELECT ON SEQUENCES TO accreditation_app;
ALTER DEFAULT PRIVILEGES FOR ROLE accreditation_owner GRANT USAGE ON SCHEMAS TO accreditation_app;

GRANT USAGE ON SCHEMA public TO egisz_bridge_app;
ALTER DEFAULT PRIVILEGES FOR ROLE egisz_bridge_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO egisz_bridge_app;
ALTER DEFAULT PRIVILEGES FOR ROLE egisz_bridge_owner GRANT USAGE, SELECT ON SEQUENCES TO egisz_bridge_app;
ALTER DEFAULT PRIVILEGES FOR ROLE egisz_bridge_owner GRANT USAGE ON SCHEMAS TO egisz_bridge_app;

GRANT USAGE ON SCHEMA public TO notify_app;
ALTER DEFAULT PRIVILEGES FOR ROLE notify_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO notify_app;
ALTER DEFAULT PRIVILEGES FOR ROLE notify_owner GRANT USAGE, SELECT ON SEQUENCES TO notify_app;
ALTER DEFAULT PRIVILEGES FOR ROLE notify_owner GRANT USAGE ON SCHEMAS TO notify_app;
