/**
 * How the page is built, served while developing, and tested.
 *
 * The build is what the server hands out under its strict content security policy: one HTML file
 * and hashed assets, nothing inlined, nothing from elsewhere.
 */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const server = process.env.L2C_SERVER ?? 'http://127.0.0.1:8000';
const proxied = { target: server, changeOrigin: true, headers: { origin: server } };

/** KaTeX's faces in the one format that every browser of `target` reads. */
const onlyWoff2: Plugin = {
  name: 'only-woff2',
  enforce: 'pre',
  transform: (code, id) =>
    /katex.*\.css$/.test(id)
      ? code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)/g, '')
      : null,
};

export default defineConfig({
  plugins: [onlyWoff2, svelte()],
  resolve: {
    // The parser's browser variant decodes "&amp;" through innerHTML, which Trusted Types forbid.
    // Its plain variant, a table, does the same without.
    alias: {
      'decode-named-character-reference': fileURLToPath(
        new URL('node_modules/decode-named-character-reference/index.js', import.meta.url),
      ),
    },
    // Tests mount components, so they need Svelte's browser build, not its server build.
    conditions: [...defaultClientConditions],
  },
  build: {
    outDir: '../src/l2c/web',
    emptyOutDir: true,
    // The first browsers with light-dark(), in which every colour of the page is written.
    target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What is bundled is other people's work; their licences travel with it.
    license: { fileName: 'licences.txt' },
  },
  server: { proxy: { '/app': proxied, '/health': proxied } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
  },
});
