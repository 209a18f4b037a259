/** The params of a DAG (JSON Schema, as Airflow's `Param` dumps them) → fields of a form. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A param as `/ui/v1/trigger/{dag}` and `/api/v1/dags/{dag}/details` give it. */
export interface ParamSpec {
  value?: Json
  description?: string | null
  schema?: Schema
}

/** The same in a list, in the DAG's order. */
export type NamedParam = ParamSpec & { name: string }

export interface Schema {
  type?: string | string[]
  title?: string
  description?: string
  description_md?: string
  section?: string
  format?: string
  enum?: Json[]
  const?: Json
  examples?: Json[]
  values_display?: Record<string, string>
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  items?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  not?: Schema
}

export type FieldKind =
  | 'string'
  | 'multiline'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'date'
  | 'time'
  | 'datetime'
  | 'lines'
  | 'json'
  | 'const'

export interface Option {
  value: Json
  label: string
}

export interface Field {
  name: string
  label: string
  kind: FieldKind
  section: string
  description: string
  /** Markdown; wins over `description`. */
  descriptionMd: string
  /** May be null: the form shows a switch for "no value". */
  nullable: boolean
  required: boolean
  /** Of `choice` and `choices`. */
  options: Option[]
  /** Of a text or number field: proposals, not limits. */
  suggestions: Option[]
  schema: Schema
  initial: Json
  /** Takes the width of both columns. */
  wide: boolean
  /** Of `lines`: what one line is. */
  item: 'string' | 'number' | 'integer'
}

export interface Section {
  title: string
  fields: Field[]
}

/** Fields in the order of the DAG, those without a section first. */
export function readFields(params: readonly NamedParam[]): Field[] {
  return params.map((param) => readField(param.name, param))
}

export function bySection(fields: readonly Field[]): Section[] {
  const sections = new Map<string, Field[]>([['', []]])
  for (const field of fields) {
    const known = sections.get(field.section)
    if (known === undefined) sections.set(field.section, [field])
    else known.push(field)
  }
  return [...sections].filter(([, held]) => held.length > 0).map(([title, held]) => ({ title, fields: held }))
}

export function readField(name: string, param: ParamSpec): Field {
  const schema = param.schema ?? {}
  const value = param.value ?? null
  const kind = kindOf(schema, value)
  const allowed = types(schema)
  const nullable = allowed.includes('null')
  return {
    name,
    label: schema.title ?? name,
    kind,
    section: schema.section ?? '',
    description: param.description ?? schema.description ?? '',
    descriptionMd: schema.description_md ?? '',
    nullable,
    required: allowed.length > 0 && !nullable,
    options: kind === 'choice' || kind === 'choices' ? options(schema, kind) : [],
    suggestions: kind === 'choice' || kind === 'choices' ? [] : suggestions(schema),
    schema,
    initial: kind === 'const' ? (schema.const ?? null) : value,
    wide: kind === 'json' || kind === 'multiline' || kind === 'lines',
    item: itemType(schema),
  }
}

export function types(schema: Schema): string[] {
  if (schema.type === undefined) return []
  return typeof schema.type === 'string' ? [schema.type] : schema.type
}

function kindOf(schema: Schema, value: Json): FieldKind {
  if (schema.const !== undefined) return 'const'
  if (schema.enum !== undefined) return 'choice'
  const allowed = types(schema).filter((type) => type !== 'null')
  const only = allowed.length === 1 ? allowed[0] : undefined
  switch (only ?? (allowed.length === 0 ? typeOf(value) : 'mixed')) {
    case 'boolean':
      return 'boolean'
    case 'integer':
      return 'integer'
    case 'number':
      return 'number'
    case 'array':
      return arrayKind(schema, value)
    case 'object':
      return 'json'
    case 'mixed':
      return mixedKind(allowed)
    default:
      return textKind(schema.format)
  }
}

/** Several types beside null: text when one of them is text and none is a structure, else JSON. */
function mixedKind(allowed: readonly string[]): FieldKind {
  if (allowed.includes('object') || allowed.includes('array')) return 'json'
  if (allowed.every((type) => type === 'integer' || type === 'number')) return 'number'
  return 'json'
}

function textKind(format: string | undefined): FieldKind {
  if (format === 'multiline') return 'multiline'
  if (format === 'date') return 'date'
  if (format === 'time') return 'time'
  if (format === 'date-time') return 'datetime'
  return 'string'
}

/** As Airflow's form: proposals or an enum of items make a list to choose from, items of a simple type one line each,
 * anything else is JSON. */
function arrayKind(schema: Schema, value: Json): FieldKind {
  if (schema.items?.enum !== undefined || schema.examples !== undefined) return 'choices'
  if (schema.items !== undefined) {
    const item = types(schema.items)
    return item.length === 1 && ['string', 'number', 'integer'].includes(item[0] ?? '') ? 'lines' : 'json'
  }
  return Array.isArray(value) && value.some((item) => typeof item !== 'string') ? 'json' : 'lines'
}

function itemType(schema: Schema): Field['item'] {
  const type = schema.items?.type
  return type === 'number' || type === 'integer' ? type : 'string'
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'object' && value !== null) return 'object'
  return typeof value === 'boolean' ? 'boolean' : 'string'
}

function options(schema: Schema, kind: FieldKind): Option[] {
  const values = kind === 'choice' ? schema.enum : (schema.items?.enum ?? schema.examples)
  return (values ?? []).map((value) => ({ value, label: display(schema, value) }))
}

function suggestions(schema: Schema): Option[] {
  return (schema.examples ?? []).map((value) => ({ value, label: display(schema, value) }))
}

function display(schema: Schema, value: Json): string {
  const key = typeof value === 'string' ? value : JSON.stringify(value)
  return schema.values_display?.[key] ?? (value === null ? 'None' : key)
}
