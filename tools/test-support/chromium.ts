// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

/** Chromium talks to 127.0.0.1 alone: no look-ups of its maker's hosts, no sandbox, which root cannot have. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Bundles a module as for a web page (an import from Node fails the bundle), runs it in headless Chromium on
 * a page of 127.0.0.1, and returns the value of its default export, a function that gets `input`.
 *
 * @param source the module's TypeScript text; its imports are resolved from `folder`
 */
export async function runInChromium(source: string, folder: string, input?: unknown): Promise<unknown> {
  const bundle = await bundleForBrowser(source, folder);
  const server = createServer((request, response) => {
    const script = request.url === '/bundle.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? bundle : '<!doctype html><link rel="icon" href="data:,">');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page has no port');
  try {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: quiet });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${address.port}/`);
      // As text: the transpiler of the test runner would put helpers into a function that the page lacks.
      return await page.evaluate(
        `import('/bundle.js').then((module) => module.default(${JSON.stringify(input)}))`,
      );
    } finally {
      await browser.close();
    }
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

/** The text of an ES module with all that `source` imports; throws where that is not to be had in a browser. */
export async function bundleForBrowser(source: string, folder: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@lading/source'],
    target: 'chrome120',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
