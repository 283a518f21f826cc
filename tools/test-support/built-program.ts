// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptBuild, root } from './kept-build.ts';

const builder = '"$0" --config ../../tsup.program.config.ts --out-dir "$1/dist/program" && cp -R bin "$1"';

/**
 * argv that starts a program as its users have it, built from the sources as they are now: from the sources
 * themselves it starts in ten times the time, which most tests would spend waiting for.
 */
export function builtProgram(name: 'lading' | 'lading-copy'): readonly string[] {
  const app = join(root, 'apps', name);
  const build = keptBuild({
    home: join(app, 'node_modules/.cache/programs'), // below the app, where its native dependency is found
    sources: [
      ...['src', 'bin', 'package.json'].map((part) => join(app, part)),
      ...['tools/program', 'tsup.config.ts', 'tsup.program.config.ts'].map((part) => join(root, part)),
    ],
    cwd: app,
    command: (folder) => ['sh', '-c', builder, join(root, 'node_modules/.bin/tsup'), folder],
  });
  const { bin }: { bin: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(app, 'package.json'), 'utf8'),
  );
  // As the launcher of `lading` starts it.
  return [process.execPath, '--', join(build, bin[name] ?? '')];
}
