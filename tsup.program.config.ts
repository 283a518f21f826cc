// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import type { Options } from 'tsup';
import { writeAsFunctions } from './tools/program/as-functions.ts';
import { joinHotFiles, programFiles } from './tools/program/join-hot-files.ts';
import faces from './tsup.config.ts';

type BundlePlugin = NonNullable<Options['esbuildPlugins']>[number];
type OutputPlugin = NonNullable<Options['plugins']>[number];

/**
 * A program in few files, which have all of its packages inside: to look up two hundred modules one by one takes as
 * long as all of a short command. What a command alone needs stays in files of its own. They are CommonJS, which Node
 * loads in half the time of modules, and without the white space that it would have to read and hash.
 */
const program = (outDir: string): Options => ({
  ...faces,
  entry: {
    main: 'src/main.ts',
  },
  outDir,
  clean: false, // what the faces do
  dts: false,
  noExternal: [/.*/],
  external: ['koffi'], // native code
  removeNodeProtocol: false, // so that `node:http2` is seen below
  sourcemap: false, // names are kept, so that a stack still says where
  minifyWhitespace: true,
  minifySyntax: true,
  esbuildOptions(options) {
    options.conditions = ['@lading/source'];
  },
  esbuildPlugins: [withoutHttp2(), licenses(outDir)],
  plugins: [commonJs(), hotFiles(outDir)],
});

/** What loads the program, and its threads: each one file. */
const alone = (outDir: string): Options => ({
  ...program(outDir),
  entry: {
    load: '../../tools/program/load.ts',
    'archive.worker': '../../packages/layer/src/archive.worker.ts',
    'deflate.worker': '../../packages/layer/src/deflate.worker.ts',
    'extract.worker': '../../packages/layer/src/extract.worker.ts',
  },
  splitting: false,
  esbuildPlugins: [withoutHttp2()],
  plugins: [commonJs()],
});

/** Files that were split as modules, made CommonJS one by one. Modules of users stay what is imported. */
function commonJs(): OutputPlugin {
  return {
    name: 'common-js',
    async renderChunk(code) {
      const own = code.replaceAll(
        /\bimport\(("(?:\.|node:)[^"]*")\)/g,
        'Promise.resolve().then(()=>require($1))',
      );
      const { code: rendered } = await transform(own, {
        format: 'cjs',
        platform: 'node',
        target: 'node22',
        minifyWhitespace: true,
        minifySyntax: true,
        define: { 'import.meta.url': 'moduleUrl' },
        banner: own.includes('import.meta.url')
          ? 'const moduleUrl=require("node:url").pathToFileURL(__filename).href;'
          : '',
      });
      return { code: lazily(rendered) };
    },
  };
}

/**
 * What a file requires is loaded when it is first used: no file of ours, and none of Node's, does anything by being
 * loaded, and most of what one could use is not used. Node's that are loaded anyway, or soon, stay as they are.
 */
function lazily(code: string): string {
  const names = new Map<string, string>();
  const lazy = code.replaceAll(
    /\b(import_\w+)=require\(("(?:\.\/|node:(?!fs"|path"|url"|util"|events"|module"))[^"]*")\)/g,
    (_, name: string, file: string) => {
      names.set(name, file);
      return `${name}_of,${name}=()=>${name}_of??=require(${file})`;
    },
  );
  if (names.size === 0) return code;
  const used = new RegExp(`\\b(${[...names.keys()].join('|')})\\b(?!=\\()`, 'g');
  return lazy.replaceAll(used, '($1())');
}

function hotFiles(outDir: string): OutputPlugin {
  return {
    name: 'hot-files',
    async buildEnd() {
      await joinHotFiles(outDir, {
        'main-core.js': /^main\.js$/,
        'engine-core.js': /^open-engine-/,
        'registry-core.js': /^undici-routes-/,
      });
      await writeAsFunctions(outDir);
      await writeFile(join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
      await writeFile(join(outDir, 'build'), await digestOf(outDir));
    },
  };
}

/** undici does without `node:http2` where it is missing. It takes longer to load than a command takes, for nothing here. */
function withoutHttp2(): BundlePlugin {
  return {
    name: 'without-http2',
    setup(build) {
      build.onResolve({ filter: /^node:http2$/ }, () => ({ path: 'http2', namespace: 'missing' }));
      build.onLoad({ filter: /.*/, namespace: 'missing' }, () => ({
        contents: "throw new Error('not here');",
      }));
    },
  };
}

/** Tells builds apart, for the cache of what V8 compiled. */
async function digestOf(folder: string): Promise<string> {
  const digest = createHash('sha256');
  for (const name of (await programFiles(folder)).sort()) {
    digest.update(name).update(await readFile(join(folder, name)));
  }
  return digest.digest('hex').slice(0, 16);
}

/** Puts the licences of the packages that are inside beside the program. */
function licenses(outDir: string): BundlePlugin {
  return {
    name: 'licenses',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(async ({ metafile }) => {
        const folders = new Set(
          Object.keys(metafile?.inputs ?? {}).flatMap(
            (file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [],
          ),
        );
        const texts = await Promise.all([...folders].sort().map(licenseOf));
        await mkdir(outDir, { recursive: true });
        await writeFile(join(outDir, 'third-party-licenses.txt'), texts.join('\n'));
      });
    },
  };
}

async function licenseOf(folder: string): Promise<string> {
  const about: { name: string; version: string; license: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? `${about.license}\n` : await readFile(join(folder, file), 'utf8');
  return `${about.name} ${about.version}\n\n${text}`;
}

/** With a folder of its own (`--out-dir`) the program alone, as tests want it: without declarations it takes seconds. */
const config = ({ outDir }: Options): Options[] =>
  outDir === undefined
    ? [{ ...faces, entry: ['src/index.ts'] }, program('dist/program'), alone('dist/program')]
    : [program(outDir), alone(outDir)];

export default config;
