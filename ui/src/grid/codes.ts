/** The characters of the compact state strings that the server sends, one per cell, and what they stand for. */

import { LETTERS } from '../kit/states'

/** No such cell: the task was not part of that run. */
export const ABSENT = '.'.charCodeAt(0)
/** A task instance without a state. */
export const NONE = 'n'.charCodeAt(0)

const BY_CODE: (string | undefined)[] = []
const BY_STATE = new Map<string, number>()
for (const [char, state] of Object.entries(LETTERS)) {
  BY_CODE[char.charCodeAt(0)] = state
  BY_STATE.set(state, char.charCodeAt(0))
}

/** All codes that are states, in the order of the legend: what needs a person first, then what is going on. */
export const CODES: readonly number[] = Array.from('fuyrqhdetnskx', (char) => char.charCodeAt(0))

/** The state that a code stands for; undefined for the absent cell and for what we do not know. */
export function stateOf(code: number): string | undefined {
  return BY_CODE[code]
}

/** The code of a state; null and unknown words are "none". */
export function codeOf(state: string | null | undefined): number {
  return (state && BY_STATE.get(state)) || NONE
}

const WORST = Array.from('fuytrqdehnkxs.', (char) => char.charCodeAt(0))
const RANK = new Map(WORST.map((code, rank) => [code, rank]))

/** The one of two codes that a person should see first. */
export function worse(a: number, b: number): number {
  return (RANK.get(a) ?? WORST.length) <= (RANK.get(b) ?? WORST.length) ? a : b
}

/** Failed, or not run because something before it failed. */
export function isFailure(code: number): boolean {
  return code === 102 || code === 117
}
