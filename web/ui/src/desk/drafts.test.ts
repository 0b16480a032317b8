import { expect, test } from 'vitest'
import { loadDraft, saveDraft, sweepDrafts } from './drafts'

/** A Storage of plain memory whose keys are its own, as in browsers. */
function memory(): Storage {
	const s = Object.create({
		getItem: (k: string) => (Object.hasOwn(s, k) ? s[k] : null),
		setItem: (k: string, v: string) => {
			s[k] = v
		},
		removeItem: (k: string) => {
			delete s[k]
		},
	})
	return s
}

test('a draft outlives the page; an empty one leaves nothing behind', () => {
	const s = memory()
	saveDraft(s, 'centrala.draft.a/b/c', { outcome: 'order', note: 'zażółć', tags: ['vip'], followUp: '2026-11-23T09:00' }, 1000)
	expect(loadDraft(s, 'centrala.draft.a/b/c')).toEqual({ outcome: 'order', note: 'zażółć', tags: ['vip'], followUp: '2026-11-23T09:00' })
	saveDraft(s, 'centrala.draft.a/b/c', { outcome: null, note: '', tags: [], followUp: '' }, 1000)
	expect(Object.keys(s)).toEqual([])
})
test('what is broken is empty, not a crash', () => {
	const s = memory()
	s.setItem('x', '{not json')
	expect(loadDraft(s, 'x')).toEqual({ outcome: null, note: '', tags: [], followUp: '' })
})
test('old drafts go, others stay', () => {
	const s = memory()
	saveDraft(s, 'centrala.draft.a/b/old', { outcome: null, note: 'x', tags: [], followUp: '' }, 0)
	saveDraft(s, 'centrala.draft.a/b/new', { outcome: null, note: 'x', tags: [], followUp: '' }, 49 * 3600_000)
	s.setItem('other', '1')
	sweepDrafts(s, 50 * 3600_000)
	expect(Object.keys(s).sort()).toEqual(['centrala.draft.a/b/new', 'other'])
})
