from lkmr_education.storage.tables import metadata
from lkmr_servicekit.migrate import run_env

run_env(metadata)
