/** What the fields of a connection mean for the common types. Types that are not here use all fields under their own
 * names. */

export type FieldName = 'host' | 'login' | 'password' | 'schema' | 'port'

export type ConnectionType = {
  label: string
  /** Fields that the type does not use. */
  without?: readonly FieldName[]
  labels?: Partial<Record<FieldName, string>>
  /** Keys that `extra` often has. */
  extra?: Readonly<Record<string, unknown>>
}

const ALL_BUT_EXTRA: readonly FieldName[] = ['host', 'login', 'password', 'schema', 'port']

export const TYPES: Readonly<Record<string, ConnectionType>> = {
  aws: {
    label: 'Amazon Web Services',
    without: ['host', 'schema', 'port'],
    labels: { login: 'Access key ID', password: 'Secret access key' },
    extra: { region_name: 'eu-west-1', role_arn: '' },
  },
  azure_data_lake: { label: 'Azure Data Lake', without: ['host', 'schema', 'port'] },
  docker: { label: 'Docker registry', without: ['schema'], labels: { host: 'Registry URL', login: 'User name' } },
  email: { label: 'Email', without: ['schema'] },
  fs: { label: 'File path', without: ALL_BUT_EXTRA, extra: { path: '/data' } },
  ftp: { label: 'FTP', without: ['schema'] },
  generic: { label: 'Generic' },
  google_cloud_platform: {
    label: 'Google Cloud',
    without: ALL_BUT_EXTRA,
    extra: { project: '', key_path: '', scope: 'https://www.googleapis.com/auth/cloud-platform' },
  },
  http: { label: 'HTTP', labels: { schema: 'Scheme' }, extra: { 'X-Header': 'value' } },
  kubernetes: {
    label: 'Kubernetes cluster',
    without: ALL_BUT_EXTRA,
    extra: { in_cluster: true, namespace: 'default' },
  },
  mongo: { label: 'MongoDB', labels: { schema: 'Database' } },
  mssql: { label: 'Microsoft SQL Server', labels: { schema: 'Database' } },
  mysql: { label: 'MySQL', labels: { schema: 'Database' }, extra: { charset: 'utf8mb4' } },
  oracle: { label: 'Oracle', extra: { service_name: '' } },
  postgres: { label: 'PostgreSQL', labels: { schema: 'Database' }, extra: { sslmode: 'require' } },
  redis: { label: 'Redis', without: ['schema'], extra: { db: 0 } },
  sftp: { label: 'SFTP', without: ['schema'], labels: { login: 'User name' }, extra: { key_file: '' } },
  slack: { label: 'Slack API', without: ['host', 'login', 'schema', 'port'], labels: { password: 'API token' } },
  slackwebhook: { label: 'Slack webhook', without: ['login', 'port'], labels: { password: 'Webhook token' } },
  smtp: { label: 'SMTP', without: ['schema'], extra: { from_email: '', disable_ssl: false } },
  snowflake: { label: 'Snowflake', without: ['port'], extra: { account: '', warehouse: '', database: '', role: '' } },
  spark: { label: 'Spark', without: ['schema', 'login', 'password'], extra: { queue: '' } },
  sqlite: { label: 'SQLite', without: ['login', 'password', 'port', 'schema'], labels: { host: 'Path of the file' } },
  ssh: { label: 'SSH', without: ['schema'], labels: { login: 'User name' }, extra: { key_file: '', timeout: 10 } },
  tradewind: { label: 'Another tradewind or Airflow', without: ['schema'] },
}

const LABELS: Readonly<Record<FieldName, string>> = {
  host: 'Host',
  login: 'Login',
  password: 'Password',
  schema: 'Schema',
  port: 'Port',
}

/** The fields that a form of this type shows, in order, with their labels. */
export function fieldsOf(type: string): (readonly [FieldName, string])[] {
  const known = TYPES[type]
  return (Object.keys(LABELS) as FieldName[])
    .filter((name) => !known?.without?.includes(name))
    .map((name) => [name, known?.labels?.[name] ?? LABELS[name]] as const)
}

export type Connection = {
  connection_id: string
  conn_type: string
  description: string | null
  host: string | null
  login: string | null
  schema: string | null
  port: number | null
  extra?: string | null
}

/** What a form holds: texts only. */
export type Draft = Record<'connection_id' | 'conn_type' | 'description' | 'extra' | FieldName, string>

export function draftOf(one: Connection | null): Draft {
  return {
    connection_id: one?.connection_id ?? '',
    conn_type: one?.conn_type ?? '',
    description: one?.description ?? '',
    host: one?.host ?? '',
    login: one?.login ?? '',
    password: '',
    schema: one?.schema ?? '',
    port: one?.port == null ? '' : String(one.port),
    extra: pretty(one?.extra ?? ''),
  }
}

function pretty(text: string): string {
  try {
    return text ? JSON.stringify(JSON.parse(text), null, 2) : ''
  } catch {
    return text
  }
}

/** What is wrong with a field; empty when nothing is. */
export function problemsOf(draft: Draft): Partial<Record<keyof Draft, string>> {
  const found: Partial<Record<keyof Draft, string>> = {}
  if (!/^[\w.-]+$/.test(draft.connection_id)) found.connection_id = 'Letters, digits, dots, dashes and underscores'
  if (!draft.conn_type.trim()) found.conn_type = 'A connection needs a type'
  if (draft.port && !/^\d{1,5}$/.test(draft.port)) found.port = 'A number below 65536'
  if (draft.extra.trim()) {
    try {
      const value: unknown = JSON.parse(draft.extra)
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        found.extra = 'A JSON object, as {"key": "value"}'
    } catch (problem) {
      found.extra = `No JSON: ${(problem as Error).message}`
    }
  }
  return found
}

/** The body of a request; empty texts are nothing. */
export function bodyOf(draft: Draft): Record<string, string | number | null> {
  const orNull = (text: string) => (text === '' ? null : text)
  return {
    connection_id: draft.connection_id,
    conn_type: draft.conn_type.trim(),
    description: orNull(draft.description),
    host: orNull(draft.host),
    login: orNull(draft.login),
    schema: orNull(draft.schema),
    port: draft.port === '' ? null : Number(draft.port),
    extra: orNull(draft.extra.trim()),
    ...(draft.password !== '' && { password: draft.password }),
  }
}

/** The parts of a body that differ from what was there: a password that was not typed stays as it is. */
export function changedOf(before: Draft, after: Draft): { body: Record<string, unknown>; mask: string[] } {
  const all = bodyOf(after)
  const mask = (Object.keys(after) as (keyof Draft)[]).filter(
    (name) => name !== 'connection_id' && after[name] !== before[name],
  )
  const body = Object.fromEntries(Object.entries(all).filter(([name]) => mask.includes(name as keyof Draft)))
  return { body: { connection_id: all.connection_id, conn_type: all.conn_type, ...body }, mask }
}
