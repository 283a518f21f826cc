// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, Engine, NamespaceOptions } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';

/**
 * Those whose namespaces a container shares are required by it, as with podman: they are started before it, and not
 * removed without it. Names become ids, as they may lead elsewhere later.
 */
export async function withOtherContainers(
  engine: Engine,
  options: ContainerOptions,
): Promise<ContainerOptions> {
  const required: string[] = [];
  const found: { -readonly [K in keyof NamespaceOptions]: NamespaceOptions[K] } = { ...options.namespaces };
  for (const kind of ['pid', 'ipc', 'uts', 'cgroup', 'user'] as const) {
    const other = await otherOf(engine, kind, found[kind]);
    if (other === undefined) continue;
    found[kind] = `container:${other}`;
    required.push(other);
  }
  const ofNetwork = await otherOf(engine, 'net', options.network);
  if (ofNetwork !== undefined) required.push(ofNetwork);
  if (required.length === 0) return options;
  return {
    ...options,
    namespaces: found,
    ...(ofNetwork !== undefined && { network: `container:${ofNetwork}` }),
    requires: [...(options.requires ?? []), ...required],
  };
}

async function otherOf(
  { containers }: Engine,
  kind: string,
  choice: string | undefined,
): Promise<string | undefined> {
  const [, name] = /^container:(.+)$/s.exec(choice ?? '') ?? [];
  if (name === undefined) return undefined;
  try {
    return (await containers.inspect(name)).id;
  } catch (cause) {
    if (!hasCode(cause, Code.NotFound)) throw cause;
    throw new LadingError(
      Code.NotFound,
      `looking up container to share ${kind} namespace with: no container with name or ID ${JSON.stringify(name)} found: no such container`,
      { cause },
    );
  }
}
