// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { driverHome, layerFolder, newLinkName, writeLinkName } from '../layer-folder.ts';
import type { Paths } from '../paths.ts';
import type { LayerRecord } from '../records.ts';
import { checkLayerFolder } from './check-folders.ts';
import type { Fault } from './fault.ts';
import { chainOf, linkNameOf, linkTarget, listedIds, listedLinks } from './layer-files.ts';
import { namesIn, type Survey } from './survey.ts';

/**
 * Puts short links, lists of the layers below and folders for mounting right, where the records of layers say what they
 * must be. Gives a sentence for each file. The caller holds all locks exclusively.
 */
export function mendLayers(survey: Survey, isAsked: (fault: Fault) => boolean): readonly string[] {
  const { paths, layers, everyLayer } = survey;
  const mended: string[] = [];
  const all = [...layers.values()].map((layer) => ({ layer, faults: [...checkLayerFolder(survey, layer)] }));
  // Links first: the lists of others name them.
  for (const { layer, faults } of all) {
    if (faults.some((fault) => fault.kind === 'layer-link' && isAsked(fault))) {
      mended.push(mendLink(survey, layer.id));
    }
  }
  for (const { layer, faults } of all) {
    for (const fault of faults) {
      if (!isAsked(fault) || fault.path === undefined) continue;
      if (fault.kind === 'layer-folders') {
        mkdirSync(fault.path, { mode: 0o700 });
        mended.push(`${fault.path}: made`);
      }
      if (fault.kind === 'layer-lowers') mended.push(...mendLowers(paths, everyLayer, layer));
    }
  }
  return mended;
}

/** The name that the layer itself, the folder of links, or a layer above has for it; else a new one. */
function mendLink(survey: Survey, id: string): string {
  const { paths } = survey;
  const { links } = driverHome(paths, id);
  const name =
    linkNameOf(paths, id) ??
    linkNameOf(paths, id, 'trimmed') ??
    namesIn(links).find((link) => linkTarget(join(links, link)) === `../${id}/diff`) ??
    nameFromAbove(survey, id) ??
    newLinkName();
  const link = join(links, name);
  rmSync(link, { force: true, recursive: true });
  symlinkSync(`../${id}/diff`, link);
  const folder = layerFolder(paths, id);
  rmSync(join(folder, 'link'), { force: true, recursive: true });
  writeLinkName(folder, name);
  return `${link}: made anew`;
}

function nameFromAbove({ paths, layers, everyLayer }: Survey, id: string): string | undefined {
  for (const above of layers.keys()) {
    const chain = chainOf(everyLayer, above);
    const place = chain?.indexOf(id) ?? -1;
    const links = listedLinks(paths, above);
    if (place >= 0 && links?.length === chain?.length) return links?.[place];
  }
  return undefined;
}

function mendLowers(
  paths: Paths,
  layers: ReadonlyMap<string, LayerRecord>,
  layer: LayerRecord,
): readonly string[] {
  const folder = layerFolder(paths, layer.id);
  const isMapped = layer.uidMap.length > 0 || layer.gidMap.length > 0;
  // A copy with other owners is on top of its original, which its record does not name.
  const ids = isMapped ? listedIds(paths, layer.id) : chainOf(layers, layer.id);
  const links = ids?.map((id) => linkNameOf(paths, id));
  if (ids === undefined || links === undefined || links.includes(undefined)) return [];
  const files = { lower: links.map((name) => `l/${name}`), 'lower-layers': ids };
  return Object.entries(files).map(([name, entries]) => {
    const path = join(folder, name);
    rmSync(path, { force: true, recursive: true });
    if (entries.length > 0) writeFileSync(path, entries.join(':'), { mode: 0o644 });
    return `${path}: written anew`;
  });
}
