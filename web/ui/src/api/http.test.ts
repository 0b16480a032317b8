import { describe, expect, test } from 'vitest'
import { query, tenantPath } from './http'

describe('addresses', () => {
	test('a query: spaces, plus signs and letters of everybody arrive as they are', () => {
		expect(query({ q: 'jan łoś', number: '+48 601', limit: 5, after: null })).toBe(
			'?q=jan%20%C5%82o%C5%9B&number=%2B48%20601&limit=5',
		)
		expect(query({ q: '', x: undefined })).toBe('')
	})
	test('a path: what is in it cannot leave it', () => {
		expect(tenantPath('acme', 'customers', '../x?y')).toBe('/api/v1/tenants/acme/customers/..%2Fx%3Fy')
	})
})
