/**
 * How the page is built, served while developing, and tested.
 *
 * The build is what the server hands out under its strict content security policy: one HTML file
 * and hashed assets, nothing inlined, nothing from elsewhere.
 */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, runnerImport, type Plugin, type Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';
import type * as Frame from './src/lib/shell/frame';

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

/**
 * The frame of the page stands in the document and is painted first. What takes its place is asked
 * for at the same time, though nothing waits for it: `main.ts` imports it when it runs. So is the
 * list's first page, which says where the draft stands.
 */
const firstPaint: Plugin = {
  name: 'first-paint',
  async transformIndexHtml(html, { bundle = {} }) {
    const { asked, frame } = (await runnerImport<typeof Frame>('/src/lib/shell/frame.ts')).module;
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const page = chunks.find(({ name, isDynamicEntry }) => isDynamicEntry && name === 'app');
    const entry = chunks.find(({ isEntry }) => isEntry);
    const scripts = page ? [page.fileName, ...page.imports] : [];
    const sheets = [page, ...chunks.filter(({ fileName }) => scripts.includes(fileName))].flatMap(
      (chunk) => [...(chunk?.viteMetadata?.importedCss ?? [])],
    );
    // Fetched, but not compiled before the frame is painted, as "modulepreload" would have it.
    const link = (as: string, name: string) => ({
      tag: 'link',
      injectTo: 'head' as const,
      attrs: { rel: 'preload', as, crossorigin: '', href: name },
    });
    const soon = scripts.filter((name) => !entry || name !== entry.fileName);
    return {
      html: html.replace('<div id="page"></div>', `<div id="page">${frame()}</div>`),
      tags: [
        ...soon.map((name) => link('script', `/${name}`)),
        ...[...new Set(sheets)].map((name) => link('style', `/${name}`)),
        link('fetch', asked),
      ],
    };
  },
};

/** What the page itself needs is one file: each of many would be asked for by itself. */
function ofThePage(id: string, modules: { getModuleInfo: Rolldown.GetModuleInfo }): string | null {
  const seen = new Set<string>();
  const isOf = (one: string): boolean => {
    if (one.endsWith('/src/app.ts')) return true;
    if (seen.has(one)) return false;
    seen.add(one);
    return modules.getModuleInfo(one)?.importers.some(isOf) ?? false;
  };
  return isOf(id) ? 'app' : null;
}

export default defineConfig({
  plugins: [onlyWoff2, svelte(), firstPaint],
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
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'preload', test: /preload-helper/, priority: 1 },
            { name: ofThePage, debugName: 'page' },
          ],
        },
      },
    },
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
