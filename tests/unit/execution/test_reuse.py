"""Which DAG files leave their process as it was, judged by their code."""

from __future__ import annotations

import pytest

from tradewind.execution.reuse import changes_others


@pytest.mark.parametrize(
    "source",
    [
        "from airflow import DAG\nwith DAG('a') as dag:\n    dag.doc_md = __doc__\n",
        "import json\nx = json.loads('{}')\nx['a'] = json.dumps(1)\n",
        "import os\nvalue = os.environ.get('X')\n",
        "def make(n):\n    globals()[n] = object()\nmake('a')\n",
        "class A:\n    def __init__(self):\n        self.x = 1\n        self.x += 1\n",
        "import logging\nlog = logging.getLogger(__name__)\nlog.disabled = False\n",
    ],
)
def test_code_that_keeps_to_its_own_objects(source: str) -> None:
    assert not changes_others(compile(source, "a.py", "exec"))


@pytest.mark.parametrize(
    "source",
    [
        "import json\njson.dumps = None\n",
        "import requests\nrequests.sessions.Session.get = None\n",
        "from airflow.models import BaseOperator\ndef patch_it():\n    BaseOperator.retries = 3\n",
        "import numpy as np\nnp.counter += 1\n",
        "import json\ndel json.dumps\n",
        "import random\nrandom.seed(1)\n",
        "import sys\nsys.modules['x'] = 1\n",
        "import x\nsetattr(x, 'y', 1)\n",
        "from gevent import monkey\nmonkey.patch_all()\n",
    ],
)
def test_code_that_may_change_what_others_use(source: str) -> None:
    assert changes_others(compile(source, "a.py", "exec"))


def test_a_module_without_code_changes_nothing() -> None:
    assert not changes_others(None)
