// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, ContainerOptions, Engine } from '@lading/engine';

/** What a copy of a container is made from, of the very image. In the pod that it is in, if any. */
export async function copyOf(
  engine: Engine,
  { id, imageId, options, podId }: ContainerInfo,
  name: string,
): Promise<ContainerOptions> {
  const { pod: _pod, hostname, ...rest } = options;
  const pod = podId === undefined ? undefined : await engine.pods.inspect(podId);
  const isMadeUp = hostname === id.slice(0, 12) || hostname === pod?.hostname;
  const current = await engine.images.find(options.image);
  return {
    ...rest,
    name,
    pull: 'never',
    // Its name may lead to another image by now.
    image: current?.id === imageId ? options.image : imageId,
    ...(hostname !== undefined && !isMadeUp && { hostname }),
    ...(podId !== undefined && { pod: podId }),
  };
}

/** `NAME-clone`, or the first of `NAME-clone1`, `NAME-clone2`, … that is free. */
export async function copyName({ containers, pods }: Engine, name: string): Promise<string> {
  for (let number = 0; ; number++) {
    const candidate = `${name}-clone${number === 0 ? '' : number}`;
    if (!(await containers.exists(candidate)) && !(await pods.exists(candidate))) return candidate;
  }
}
