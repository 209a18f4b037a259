/** Where in a DAG file a task is made: by its `task_id`, else by the function of that name. Null when neither is seen. */
export function lineOfTask(code: string, taskId: string): number | null {
  const name = taskId.slice(taskId.lastIndexOf('.') + 1).replace(/__\d+$/, '')
  const quoted = literal(name)
  const places = [
    new RegExp(`task_id\\s*=\\s*(['"])${quoted}\\1`),
    new RegExp(`^\\s*(?:async\\s+)?def\\s+${quoted}\\s*\\(`),
    new RegExp(`(['"])${quoted}\\1`),
  ]
  const lines = code.split('\n')
  for (const pattern of places) {
    const index = lines.findIndex((line) => pattern.test(line))
    if (index >= 0) return index + 1
  }
  return null
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
