// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, isUp } from '../containers/status.ts';
import { type Context, readContainer } from '../core/context.ts';
import type { PortMapping } from '../types/container-options.ts';

/**
 * Refuses ports of the host that another container or pod publishes. Nobody listens on them, and the rules of the
 * first one would win without a word.
 *
 * @throws AlreadyExists with reason `EADDRINUSE`, naming who has the port
 */
export async function refusePublishedPorts(
  context: Context,
  ownId: string,
  wanted: readonly PortMapping[],
): Promise<void> {
  const clash = (others: readonly PortMapping[] = []): PortMapping | undefined =>
    wanted.find((port) => others.some((other) => overlap(port, other)));
  if (wanted.every(({ hostPort }) => !hostPort)) return;
  for (const record of await context.containers.list()) {
    const port = record.id === ownId ? undefined : clash(record.options.portMappings);
    if (port === undefined) continue;
    const { status } = await describe(context, await readContainer(context, record.id));
    if (isUp(status)) throw taken(port, `container ${record.name}`);
  }
  for (const pod of await context.pods.list()) {
    const isHeld = pod.stoppedAt === undefined && pod.bootId === context.bootId;
    const port = pod.id === ownId || !isHeld ? undefined : clash(pod.options.portMappings);
    if (port !== undefined) throw taken(port, `pod ${pod.name}`);
  }
}

const everywhere = new Set(['', '0.0.0.0', '::']);

function overlap(a: PortMapping, b: PortMapping): boolean {
  const [hostA, hostB] = [a.hostIp ?? '', b.hostIp ?? ''];
  const sameHost = hostA === hostB || everywhere.has(hostA) || everywhere.has(hostB);
  return a.hostPort === b.hostPort && (a.protocol ?? 'tcp') === (b.protocol ?? 'tcp') && sameHost;
}

function taken({ hostIp = '0.0.0.0', hostPort, protocol = 'tcp' }: PortMapping, by: string): LadingError {
  return new LadingError(
    Code.AlreadyExists,
    `cannot publish ${hostIp}:${hostPort}/${protocol}: address already in use by ${by}`,
    { reason: 'EADDRINUSE' },
  );
}
