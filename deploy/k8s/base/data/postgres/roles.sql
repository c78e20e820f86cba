-- Once, in a new cluster: the roles of the services with the limits of their sessions.
-- Passwords are set by the operator from secrets. The same limits hold on one machine (rig).

CREATE ROLE auth_owner LOGIN;
ALTER ROLE auth_owner SET statement_timeout = '15min';
ALTER ROLE auth_owner SET lock_timeout = '2s';

CREATE ROLE auth_app LOGIN;
ALTER ROLE auth_app SET statement_timeout = '3s';
ALTER ROLE auth_app SET lock_timeout = '1s';
ALTER ROLE auth_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE auth_app SET transaction_timeout = '10s';
ALTER ROLE auth_app SET idle_session_timeout = '10min';

CREATE ROLE accreditation_owner LOGIN;
ALTER ROLE accreditation_owner SET statement_timeout = '15min';
ALTER ROLE accreditation_owner SET lock_timeout = '2s';

CREATE ROLE accreditation_app LOGIN;
ALTER ROLE accreditation_app SET statement_timeout = '3s';
ALTER ROLE accreditation_app SET lock_timeout = '1s';
ALTER ROLE accreditation_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE accreditation_app SET transaction_timeout = '10s';
ALTER ROLE accreditation_app SET idle_session_timeout = '10min';

CREATE ROLE egisz_bridge_owner LOGIN;
ALTER ROLE egisz_bridge_owner SET statement_timeout = '15min';
ALTER ROLE egisz_bridge_owner SET lock_timeout = '2s';

CREATE ROLE egisz_bridge_app LOGIN;
ALTER ROLE egisz_bridge_app SET statement_timeout = '3s';
ALTER ROLE egisz_bridge_app SET lock_timeout = '1s';
ALTER ROLE egisz_bridge_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE egisz_bridge_app SET transaction_timeout = '10s';
ALTER ROLE egisz_bridge_app SET idle_session_timeout = '10min';

CREATE ROLE education_owner LOGIN;
ALTER ROLE education_owner SET statement_timeout = '15min';
ALTER ROLE education_owner SET lock_timeout = '2s';

CREATE ROLE education_app LOGIN;
ALTER ROLE education_app SET statement_timeout = '3s';
ALTER ROLE education_app SET lock_timeout = '1s';
ALTER ROLE education_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE education_app SET transaction_timeout = '10s';
ALTER ROLE education_app SET idle_session_timeout = '10min';

CREATE ROLE notify_owner LOGIN;
ALTER ROLE notify_owner SET statement_timeout = '15min';
ALTER ROLE notify_owner SET lock_timeout = '2s';

CREATE ROLE notify_app LOGIN;
ALTER ROLE notify_app SET statement_timeout = '3s';
ALTER ROLE notify_app SET lock_timeout = '1s';
ALTER ROLE notify_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE notify_app SET transaction_timeout = '10s';
ALTER ROLE notify_app SET idle_session_timeout = '10min';
