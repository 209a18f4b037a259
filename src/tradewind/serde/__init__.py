"""Two ways of turning things to JSON: DAGs to specs, and values (XCom, params, trigger kwargs)."""
