// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Manifest } from '@lading/image-spec';
import { convertManifest, formatOf } from './convert.ts';
import { type Copy, fixedBecause, type ImageFormat, targetFormats } from './copy-options.ts';
import { type LayerForm, layerTypeIn } from './layer-forms.ts';
import { writeSchema1 } from './schema1/write-schema1.ts';
import { onSide } from './side.ts';

/**
 * The formats that the manifest can be written in. What cannot be written is found out before gigabytes have
 * been copied.
 */
export function possibleFormats(
  copy: Copy,
  mediaType: string,
  manifest: Manifest,
  forms: readonly (LayerForm | undefined)[],
  config: Uint8Array | undefined,
): readonly ImageFormat[] {
  const fixed = fixedBecause(copy);
  if (fixed !== undefined && forms.some((form) => form !== undefined)) {
    const why = forms.some((form) => form?.crypto !== undefined)
      ? `layers are to be ${forms.some((form) => form?.crypto === 'encrypt') ? 'encrypted' : 'decrypted'}`
      : `${copy.destination.reference} takes layers only in another form`;
    throw new LadingError(Code.FailedPrecondition, `${why}, which would change the manifest, and ${fixed}`, {
      details: { side: 'destination' },
    });
  }
  const planned: Manifest = {
    ...manifest,
    layers: manifest.layers.map((layer, i) => {
      const form = forms[i];
      return form === undefined ? layer : { ...layer, mediaType: layerTypeIn(form, layer.mediaType) };
    }),
  };
  const failures: unknown[] = [];
  const formats = targetFormats(copy, mediaType).filter((format) => {
    if (format === formatOf(mediaType) && forms.every((form) => form === undefined)) return true;
    try {
      if (format === 'v2s1') writeSchema1(planned, config);
      else convertManifest(planned, format);
      return true;
    } catch (error) {
      failures.push(error);
      return false;
    }
  });
  if (formats.length > 0) return formats;
  throw onSide('destination', copy.destination.reference, failures[0]);
}
