// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { bindTerminal, proxySignals, streamsOf } from '../container/foreground.ts';
import { withEngine } from '../engine.ts';
import { argsOrLatest } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { environment, flags } = call;
  if (!flags.boolean('latest') && call.args.length === 0) {
    throw usageError('attach requires the name or id of one running container');
  }
  return withEngine(call, async (engine) => {
    const [name = ''] = await argsOrLatest(call, engine);
    const { id, options, status } = await engine.containers.inspect(name);
    if (status !== 'running') {
      throw new LadingError(Code.FailedPrecondition, 'you can only attach to running containers');
    }
    const terminal = options.terminal === true;
    const stdin = options.stdin === true && !flags.boolean('no-stdin');
    const streams = streamsOf(call, { stdin, terminal });
    const screen = bindTerminal(environment);
    const proxy = flags.boolean('sig-proxy') ? proxySignals(environment, engine, id) : undefined;
    try {
      const attachment = await engine.containers.attach(id, streams, { signal: environment.signal });
      if (terminal && environment.stdinIsTerminal) {
        if (stdin) screen.setRaw();
        await screen.follow(attachment);
      }
      proxy?.started();
      if ((await attachment.done) === 'detached') return 0;
      return (await engine.containers.wait(id, { signal: environment.signal })).exitCode;
    } finally {
      screen.stop();
      proxy?.stop();
    }
  });
}
