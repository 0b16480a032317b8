/* Customers.tsx - the customers' pages: find, one record, duplicates, import. */
export default function Customers() {
	return null
}
