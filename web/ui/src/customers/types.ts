/* types.ts - customers as the interface gives them (api/openapi.yaml). What is not known is left out. */
export interface Numbered {
	number: string
	label?: string
}
export interface Addressed {
	address: string
	label?: string
}
export interface Place {
	label?: string
	street?: string
	postal_code?: string
	city?: string
	region?: string
	country?: string
}
export interface Preferences {
	agent?: string
	channel?: string
	contact_times?: Record<string, string[]>
	do_not_call?: { reason: string; until?: string }[]
}
/** What people write of a customer. */
export interface CustomerFacts {
	kind: 'person' | 'company'
	name: string
	given_name?: string
	family_name?: string
	title?: string
	position?: string
	company?: string
	company_name?: string
	household?: string
	external_id?: string
	numbers?: Numbered[]
	emails?: Addressed[]
	handles?: { channel: string; address: string }[]
	addresses?: Place[]
	language?: string
	time_zone?: string
	tags?: string[]
	fields?: Record<string, unknown>
	preferences?: Preferences
}
export interface Customer extends CustomerFacts {
	id: string
	version: number
	created_at: string
	created_by: string
	updated_at: string
	updated_by: string
	merged_into?: string
	found?: string
}
export interface Match {
	rank: 'exact' | 'household' | 'company'
	number?: string
	label?: string
	through_name?: string
	customer: Customer
}
export interface Note {
	id: string
	at: string
	by: string
	text: string
}
export interface Change {
	customer: string
	at: string
	by: string
	op: 'created' | 'updated' | 'deleted' | 'imported' | 'merged' | 'unmerged'
	version: number
	other?: string
	before?: Partial<Customer> | null
	after?: Partial<Customer> | null
}
export interface PastContact {
	id: string
	channel: string
	direction?: string
	state: string
	from?: string
	to?: string
	queue?: string | null
	agent?: string | null
	arrived_at: string
	ended_at?: string | null
	ended_by?: string | null
	outcome?: string | null
	note?: string | null
	talk_ms?: number
	wait_ms?: number
}
export interface TimelineItem {
	kind: 'contact' | 'note' | 'change'
	at: string
	contact?: PastContact
	note?: Note
	change?: Change
}
export interface Duplicate {
	why: 'number' | 'email' | 'name'
	value: string
	customers: Customer[]
}
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
