// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { prepareContainer, readCreateRequest } from '../container/prepare.ts';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const request = await readCreateRequest(call);
  return withEngine(call, async (engine) => {
    const options = await prepareContainer(call, engine, request);
    const { id } = await engine.containers.create(options, { signal: call.environment.signal });
    await request.cidFile.write(id);
    await call.environment.stdout(`${id}\n`);
    return 0;
  });
}
