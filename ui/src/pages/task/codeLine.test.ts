import { describe, expect, it } from 'vitest'
import { lineOfTask } from './codeLine'

const CODE = `with DAG("a"):
    x = BashOperator(task_id="load", bash_command="echo")
    @task
    def extract(a):
        return "extracted"
    for name in ["one"]:
        EmptyOperator(task_id=name)
`

describe('the line of a task', () => {
  it.each([
    ['load', 2],
    ['group.load', 2],
    ['extract', 4],
    ['extract__3', 4],
    ['one', 6],
    ['nowhere', null],
    ['lo.*d(', null],
  ])('%s is at %s', (task, line) => {
    expect(lineOfTask(CODE, task)).toBe(line)
  })
})
