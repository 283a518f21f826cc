// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Options } from 'tsup';
import faces from './tsup.config.ts';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const outDir = 'dist/program';

/**
 * A program in few files, which have all of its packages inside: to look up two hundred modules one by one takes as
 * long as all of a short command. What a command alone needs stays in files of its own.
 */
const program: Options = {
  ...faces,
  entry: {
    main: 'src/main.ts',
    'archive.worker': '../../packages/layer/src/archive.worker.ts',
    'extract.worker': '../../packages/layer/src/extract.worker.ts',
  },
  outDir,
  dts: false,
  noExternal: [/.*/],
  external: ['koffi'], // native code
  // Packages in CommonJS ask for Node's modules by require.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  esbuildOptions(options) {
    options.conditions = ['@lading/source'];
  },
  esbuildPlugins: [licenses()],
};

/** Puts the licences of the packages that are inside beside the program. */
function licenses(): Plugin {
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

const config: readonly Options[] = [{ ...faces, entry: ['src/index.ts'] }, program];

export default config;
