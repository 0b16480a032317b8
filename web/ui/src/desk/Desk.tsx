/* Desk.tsx - the agent's desk. */
export function Desk() {
	return null
}
