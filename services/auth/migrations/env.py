from lkmr_auth.storage.tables import metadata
from lkmr_servicekit.migrate import run_env

run_env(metadata)
