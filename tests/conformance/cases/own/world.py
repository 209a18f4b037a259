"""The cases of this set follow those of set ``public`` on the same server: nothing more has to exist."""

WORLD = {"dags": [], "live": [], "runs": [], "vars": {}}
