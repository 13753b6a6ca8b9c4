import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.POLYCAST_DEV_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '~': new URL('./src', import.meta.url).pathname } },
  build: {
    outDir: '../src/polycast/front/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // a data: font would need a weaker CSP
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/polycast': server, '/api': server, '/proxy': server } },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/testing.ts'] },
})
