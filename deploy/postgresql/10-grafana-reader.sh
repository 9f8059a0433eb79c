#!/bin/sh
# Runs once, when PostgreSQL makes its data directory: a role for panels, which may only read events.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set reader_password="$GRAFANA_READER_PASSWORD" <<'SQL'
CREATE ROLE grafana_reader LOGIN PASSWORD :'reader_password' CONNECTION LIMIT 10;
ALTER ROLE grafana_reader SET default_transaction_read_only = on;
ALTER ROLE grafana_reader SET statement_timeout = '15s';
-- The service makes its tables later. Whenever one is made, panels may read events and no figures;
-- a partition needs no grant of its own.
CREATE FUNCTION let_panels_read_events() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('public.user_events') IS NOT NULL
     AND to_regclass('public.user_event_meta') IS NOT NULL THEN
    GRANT SELECT ON public.user_events, public.user_event_meta TO grafana_reader;
  END IF;
END $$;
CREATE EVENT TRIGGER let_panels_read_events ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
  EXECUTE FUNCTION let_panels_read_events();
SQL
