/* types.ts - customers as the interface gives them: names for what api/openapi.yaml says.
 * Fields and imports are said here as the pages hold them: with an id, and with columns to choose. */
import type { Schema } from '../api/http'

export type Customer = Schema['Customer']
/** What people write of a customer. */
export type CustomerFacts = Omit<
	Customer,
	'id' | 'tenant' | 'version' | 'created_at' | 'created_by' | 'updated_at' | 'updated_by' | 'merged_into' | 'found'
>
export type Numbered = NonNullable<Customer['numbers']>[number]
export type Addressed = NonNullable<Customer['emails']>[number]
export type Place = NonNullable<Customer['addresses']>[number]
export type Match = Schema['CustomerMatches']['items'][number]
export type Note = Schema['Note']
export type Change = Schema['CustomerChange']
export type TimelineItem = Schema['TimelineItem']
export type PastContact = NonNullable<TimelineItem['contact']>
export type Duplicate = Schema['Duplicate']
export interface Field {
	id: string
	name?: string
	label?: string | Record<string, string>
	type: 'text' | 'number' | 'date' | 'choice' | 'flag'
	choices?: { id: string; label?: string | Record<string, string> }[]
}
export interface Import {
	id: string
	name?: string
	state: 'preview' | 'running' | 'done' | 'stopped' | 'failed'
	by?: string
	created_at?: string
	format: 'csv' | 'xlsx'
	sheets?: string[]
	sheet?: string
	bytes?: number
	encoding?: string
	delimiter?: string
	header?: boolean
	duplicates?: string
	columns: { name?: string; target?: string }[]
	rows?: string[][]
	mistakes?: { line: number; message: string }[]
	progress: { lines?: number; created?: number; updated?: number; skipped?: number; rejected?: number; percent?: number }
	detail?: string
}
export interface ImportChoice {
	sheet?: string
	encoding?: string
	delimiter?: string
	header?: boolean
	mapping?: string[]
	duplicates?: string
}
