// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { driverHome, layerFolder } from '../layer-folder.ts';
import { driverHomes, ifThere, type Paths } from '../paths.ts';
import type { LayerRecord } from '../records.ts';
import { type Fault, newFault } from './fault.ts';
import { chainOf, linkNameOf, linkTarget, listedIds, listedLinks } from './layer-files.ts';
import type { Survey } from './survey.ts';

/** What a layer has in the driver's home: content, short link, names of the layers below, folders for mounting. */
export function* checkLayerFolder(survey: Survey, layer: LayerRecord): Generator<Fault> {
  const { paths } = survey;
  const { id } = layer;
  const folder = layerFolder(paths, id);
  const diff = join(folder, 'diff');
  if (!isFolder(diff)) {
    yield newFault('layer-content-missing', { id, path: diff });
    return;
  }
  const link = linkNameOf(paths, id);
  if (link === undefined) yield newFault('layer-link', { id, path: join(folder, 'link') });
  else {
    const path = join(driverHome(paths, id).links, link);
    if (linkTarget(path) !== `../${id}/diff`) yield newFault('layer-link', { id, path });
  }
  yield* checkLowers(survey, layer);
  // `merged` is removed and made again by tools as they unmount and mount.
  const isBase = layer.parent === undefined && !hasLowers(survey, id);
  const needed = isBase ? ['work', 'empty'] : ['work'];
  for (const name of needed) {
    const path = join(folder, name);
    if (!isFolder(path)) yield newFault('layer-folders', { id, path });
  }
}

/**
 * The files `lower` (for all tools) and `lower-layers` (for newer ones) must say the same, or tools mount different
 * trees. What they say may differ from the chain of parents: a copy with other owners is on top of its original.
 */
function* checkLowers(survey: Survey, layer: LayerRecord): Generator<Fault> {
  const { paths } = survey;
  const { id } = layer;
  const folder = layerFolder(paths, id);
  const chain = chainOf(survey.everyLayer, id);
  const links = listedLinks(paths, id);
  const ids = listedIds(paths, id);
  if (links === undefined) {
    if (layer.parent !== undefined || ids !== undefined) {
      yield newFault('layer-lowers', { id, path: join(folder, 'lower') }, 'no file');
    }
    return;
  }
  const isUnknown = (lower: string): boolean => !survey.everyLayer.has(lower);
  const behind = links.map((name) => idBehind(paths, name));
  if (ids !== undefined && (ids.length !== links.length || (chain !== undefined && ids.some(isUnknown)))) {
    yield newFault('layer-lowers', { id, path: join(folder, 'lower-layers') });
    return;
  }
  // A link that leads nowhere is that layer's own fault, which is told there.
  const differs = (one: string | undefined, other: string | undefined): boolean =>
    one !== undefined && other !== undefined && one !== other;
  if (ids?.some((lower, index) => differs(behind[index], lower))) {
    yield newFault('layer-lowers', { id, path: join(folder, 'lower') }, 'lower and lower-layers disagree');
    return;
  }
  const isMapped = layer.uidMap.length > 0 || layer.gidMap.length > 0;
  if (chain === undefined || isMapped) return;
  if (links.length !== chain.length || behind.some((lower, index) => differs(lower, chain[index]))) {
    yield newFault('layer-lowers', { id, path: join(folder, 'lower') }, 'not the layers of its record');
  }
}

function hasLowers({ paths }: Survey, id: string): boolean {
  return (listedLinks(paths, id) ?? listedIds(paths, id)) !== undefined;
}

function idBehind(paths: Paths, name: string): string | undefined {
  const target = [...driverHomes(paths), ...paths.others]
    .map(({ links }) => linkTarget(join(links, name)))
    .find((found) => found !== undefined);
  return /^\.\.\/([0-9a-f]{64})\/diff$/.exec(target ?? '')?.[1];
}

function isFolder(path: string): boolean {
  return ifThere(() => statSync(path).isDirectory()) ?? false;
}
