import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// CENTRALA: the server that `npm run dev` speaks to.
const server = process.env.CENTRALA ?? 'http://127.0.0.1:8080'

export default defineConfig({
	plugins: [react()],
	build: {
		target: 'es2022',
		sourcemap: false,
		assetsInlineLimit: 0, // the CSP allows no data: scripts, and a hash caches better
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		chunkSizeWarningLimit: 900, // tools/build.mjs watches what counts: gzipped, before the first screen
		rollupOptions: { input: ['index.html', 'api-docs.html'] }, // the second: the reference of the interface, /api/docs
		manifest: true, // tools/build.mjs reads from it what the first page loads
	},
	server: {
		proxy: {
			'/api': { target: server, changeOrigin: true, ws: true, headers: { Origin: server } },
		},
	},
	test: { include: ['src/**/*.test.ts'] },
})
