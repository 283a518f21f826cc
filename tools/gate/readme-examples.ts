// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Block, blocksOf } from './example-blocks.ts';
import { makeShellWorld, type ShellWorld } from './readme-world.ts';
import { ofCases, type Part } from './report.ts';
import { run } from './run.ts';
import { exampleTimeoutMs, runExample } from './run-example.ts';

/**
 * Runs the examples of the READMEs as a reader would: `ts` blocks as programs of their own in the package's
 * folder, `sh` blocks in a shell with Lading's programs and a registry. Each README must have one that runs.
 */
export function readmeExamples(root: string): Part {
  return {
    name: 'README examples',
    async run() {
      await using world = await makeShellWorld(root);
      const cases: { name: string; faults: readonly string[] }[] = [];
      for (const file of globSync('{packages,apps,examples}/*/README.md', { cwd: root }).toSorted()) {
        const blocks = blocksOf(readFileSync(join(root, file), 'utf8')).filter(
          (b) => b.language === 'ts' || b.language === 'sh',
        );
        if (blocks.length === 0) cases.push({ name: file, faults: ['has no example that runs'] });
        for (const block of blocks) {
          const name = `${file}:${block.line}`;
          const tried =
            block.language === 'ts' ? runExample(join(root, dirname(file)), block) : tryShell(world, block);
          cases.push({ name, faults: await tried });
        }
      }
      return ofCases(cases);
    },
  };
}

async function tryShell(world: ShellWorld, block: Block): Promise<readonly string[]> {
  const home = await mkdtemp(join(tmpdir(), 'lading-readme-'));
  try {
    const env = { ...world.env, HOME: home };
    const { code, output } = await run('bash', ['-euo', 'pipefail', '-c', block.code], {
      cwd: home,
      env,
      timeoutMs: exampleTimeoutMs,
    });
    return code === 0 ? [] : [`ended with ${code}\n${output}`];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
