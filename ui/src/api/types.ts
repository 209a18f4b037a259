/** Shapes of answers that several views use. Those of one view stand beside its query in queries/NAME.ts. */

/** Epoch seconds in UTC, or nothing. */
export type Epoch = number | null

/** A page of the REST API: the list under its own name, and how many there are in all. */
export type Collection<Name extends string, T> = { [K in Name]: T[] } & { total_entries: number }
