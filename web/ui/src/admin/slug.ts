/* slug.ts - an id out of a name: "Żółta kolejka" becomes zolta-kolejka. Pure. */
import { fold } from '../parts/fold'

const RUSSIAN: Record<string, string> = Object.fromEntries(
	'а:a б:b в:v г:g д:d е:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya'
		.split(' ')
		.map((pair) => pair.split(':') as [string, string]),
)

export const slug = (name: string): string =>
	[...fold(name)]
		.map((c) => RUSSIAN[c] ?? c)
		.join('')
		.replace(/[^a-z0-9_]+/g, '-')
		.replace(/^[-_]+|-+$/g, '')
		.slice(0, 63)
