/*
 * main.ts - the reference of the HTTP interface, /api/docs: a page of its own without the desk's code, made from
 * /api/v1/openapi.json as it is served. What comes from there is text, never markup.
 */
import './reference.css'
import { type Description, type Operation, type Shape, brief, curl, matches, named, operations } from './describe'

type Child = Node | string | null | false
function el<K extends keyof HTMLElementTagNameMap>(name: K, more: Record<string, string> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
	const e = document.createElement(name)
	for (const [key, value] of Object.entries(more)) e.setAttribute(key, value)
	e.append(...children.filter((c): c is Node | string => c !== null && c !== false))
	return e
}

const TAGS: Record<string, string> = {
	server: 'The server', 'sign-in': 'Signing in', objects: 'Declared objects', live: 'Live', agents: 'Agents and queues now', contacts: 'Contacts',
	customers: 'Customers', reports: 'Reports', events: 'Events', recordings: 'Recordings',
}
const tagName = (tag: string) => TAGS[tag] ?? tag.charAt(0).toUpperCase() + tag.slice(1)

function copyButton(text: () => string): HTMLButtonElement {
	const button = el('button', { type: 'button', class: 'copy' }, 'Copy')
	button.addEventListener('click', () => {
		void navigator.clipboard?.writeText(text()).then(() => {
			button.textContent = 'Copied'
			setTimeout(() => (button.textContent = 'Copy'), 1500)
		})
	})
	return button
}

/** The fields of a shape; those that are objects themselves open on demand, so that circles end. */
function fields(d: Description, shape: Shape): HTMLElement {
	const s = named(d, shape)
	const any = s.oneOf ?? s.anyOf
	const list = el('ul', { class: 'fields' })
	const add = (name: string, one: Shape, must: boolean) => {
		const whole = named(d, one)
		const inner = whole.type === 'array' ? named(d, whole.items) : whole
		const deep = inner.properties || inner.patternProperties || (inner.oneOf ?? inner.anyOf)?.some((x) => named(d, x).properties)
		const head: Child[] = [el('code', { class: 'name' }, name), ' ', el('span', { class: 'type' }, brief(d, one))]
		if (must) head.push(' ', el('b', { class: 'must' }, 'required'))
		if (whole.writeOnly) head.push(' ', el('i', {}, 'never told'))
		if (whole.default !== undefined) head.push(' ', el('i', {}, `default ${JSON.stringify(whole.default)}`))
		const about = one.description ?? whole.description
		if (!deep) return list.append(el('li', {}, ...head, about ? el('div', { class: 'about' }, about) : null))
		const details = el('details', {}, el('summary', {}, ...head), about ? el('div', { class: 'about' }, about) : null)
		details.addEventListener('toggle', () => details.open && details.lastElementChild?.className !== 'fields' && details.append(fields(d, inner)), { once: true })
		list.append(el('li', {}, details))
	}
	if (any) for (const one of any) add(one.$ref ? (one.$ref.split('/').pop() ?? '') : 'or', one, false)
	for (const [name, one] of Object.entries(s.properties ?? {})) add(name, one, (s.required ?? []).includes(name))
	for (const [pattern, one] of Object.entries(s.patternProperties ?? {})) add(pattern, one, false)
	if (!list.childElementCount) list.append(el('li', {}, el('span', { class: 'type' }, brief(d, s)), s.description ? el('div', { class: 'about' }, s.description) : null))
	return list
}

function body(d: Description, op: Operation): HTMLElement {
	const out = el('div', { class: 'body' })
	if (op.parameters.length) {
		out.append(el('h4', {}, 'Parameters'))
		const list = el('ul', { class: 'fields' })
		for (const p of op.parameters)
			list.append(
				el('li', {}, el('code', { class: 'name' }, p.name), ' ', el('span', { class: 'type' }, `${p.in}, ${brief(d, named(d, p.schema))}`), p.required || p.in === 'path' ? el('b', { class: 'must' }, ' required') : null,
					p.description ? el('div', { class: 'about' }, p.description) : null),
			)
		out.append(list)
	}
	if (op.body) out.append(el('h4', {}, 'Body ', el('span', { class: 'type' }, op.body.type)), fields(d, op.body.schema))
	out.append(el('h4', {}, 'Answers'))
	const answers = el('ul', { class: 'fields' })
	for (const a of op.answers) {
		const head: Child[] = [el('code', { class: 'name' }, a.status), ' ', a.description]
		if (!a.schema || !/^2/.test(a.status)) {
			answers.append(el('li', {}, ...head))
			continue
		}
		const schema = a.schema
		const details = el('details', {}, el('summary', {}, ...head, ' ', el('span', { class: 'type' }, brief(d, schema))))
		details.addEventListener('toggle', () => details.open && details.append(fields(d, schema)), { once: true })
		answers.append(el('li', {}, details))
	}
	const text = curl(d, op)
	out.append(answers, el('h4', {}, 'Example ', copyButton(() => text)), el('pre', { tabindex: '0', role: 'region', 'aria-label': `Example of ${op.id}` }, text))
	return out
}

function show(d: Description): void {
	const ops = operations(d)
	const main = el('main', { id: 'operations' })
	const nav = el('nav', { 'aria-label': 'Operations' })
	const count = el('p', { class: 'count', role: 'status' })
	const search = el('input', { type: 'search', placeholder: 'Search: words of an address or of what it does', 'aria-label': 'Search operations', autocomplete: 'off', spellcheck: 'false' })
	const sections: { head: HTMLElement; link: HTMLElement; items: { op: Operation; details: HTMLDetailsElement }[] }[] = []
	for (const tag of [...new Set(ops.map((o) => o.tag))]) {
		const head = el('h2', { id: `tag-${tag}` }, tagName(tag))
		const section = el('section', {}, head)
		const items = ops
			.filter((o) => o.tag === tag)
			.map((op) => {
				const details = el(
					'details',
					{ id: op.id, class: 'operation' },
					el('summary', {}, el('span', { class: `method ${op.method}` }, op.method), el('code', { class: 'path' }, op.path), el('span', { class: 'summary' }, op.summary)),
				)
				details.addEventListener('toggle', () => details.open && details.append(body(d, op)), { once: true })
				section.append(details)
				return { op, details }
			})
		const link = el('a', { href: `#tag-${tag}` }, tagName(tag), ' ', el('span', { class: 'number' }, String(items.length)))
		nav.append(link)
		main.append(section)
		sections.push({ head: section, link, items })
	}
	const filter = () => {
		let found = 0
		for (const s of sections) {
			let here = 0
			for (const { op, details } of s.items) {
				const fits = matches(op, search.value.trim())
				details.hidden = !fits
				here += fits ? 1 : 0
			}
			s.head.hidden = !here
			s.link.hidden = !here
			found += here
		}
		count.textContent = `${found} of ${ops.length} operations`
		const url = new URL(location.href)
		if (search.value.trim()) url.searchParams.set('q', search.value.trim())
		else url.searchParams.delete('q')
		history.replaceState(null, '', url)
	}
	search.value = new URLSearchParams(location.search).get('q') ?? ''
	search.addEventListener('input', filter)
	addEventListener('keydown', (e) => {
		if (e.key === '/' && document.activeElement !== search) {
			e.preventDefault()
			search.focus()
		}
	})
	// the living demo's links name it, so that what is copied from here works as it is
	const [tenant, user, password] = location.search === '?demo' ? ['demo', 'ada', 'demo-ada'] : ['…', '…', '…']
	const begin = [
		`URL=${location.origin}`,
		`TENANT=${tenant}`,
		`TOKEN=$(curl -s $URL/api/v1/login -H 'Content-Type: application/json' \\`,
		`  -d '{"tenant":"'$TENANT'","user":"${user}","password":"${password}"}' | sed 's/.*"token":"\\([^"]*\\).*/\\1/')`,
		'curl -s -H "Authorization: Bearer $TOKEN" $URL/api/v1/tenants/$TENANT/queues',
	].join('\n')
	document.getElementById('reference')?.replaceChildren(
		el('header', {}, el('a', { href: '/', class: 'home' }, 'centrala'), el('h1', {}, 'The HTTP interface'), search, count),
		el('div', { class: 'columns' }, nav,
			el('div', { class: 'content' },
				el('section', {},
					el('p', {}, d.info?.description ?? 'Everything the pages do is done by these calls. Times are RFC 3339 in UTC, durations in milliseconds; collections are pages with a cursor; mistakes are application/problem+json.'),
					el('h4', {}, 'To begin ', copyButton(() => begin)), el('pre', { tabindex: '0', role: 'region', 'aria-label': 'To begin' }, begin),
					el('p', {}, 'The description itself: ', el('a', { href: '/api/v1/openapi.json' }, '/api/v1/openapi.json'))),
				main)),
	)
	filter()
	const wanted = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null
	if (wanted instanceof HTMLDetailsElement) wanted.open = true
	wanted?.scrollIntoView()
}

fetch('/api/v1/openapi.json')
	.then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))))
	.then(show)
	.catch(() => document.getElementById('reference')?.replaceChildren(el('p', { class: 'wait', role: 'alert' }, 'The description could not be read. Load the page again.')))
