// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { prepareContainer, readCreateRequest } from '../container/prepare.ts';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const request = await readCreateRequest(call);
  const initOfPod = readInitOfPod(call.flags.string('init-ctr') || undefined);
  if (initOfPod !== undefined && request.pod === undefined) {
    throw usageError('must specify pod value with init-ctr');
  }
  return withEngine(call, async (engine) => {
    const prepared = await prepareContainer(call, engine, request);
    const options = initOfPod === undefined ? prepared : { ...prepared, initOfPod };
    if (initOfPod !== undefined && (await engine.containers.list({ pod: options.pod ?? '' })).length > 0) {
      throw usageError('cannot add init-ctr to a running pod');
    }
    const { id } = await engine.containers.create(options, { signal: call.environment.signal });
    await request.cidFile.write(id);
    await call.environment.stdout(`${id}\n`);
    return 0;
  });
}

function readInitOfPod(text: string | undefined): 'always' | 'once' | undefined {
  if (text === undefined || text === 'always' || text === 'once') return text;
  throw usageError("init-ctr value must be 'always' or 'once'");
}
