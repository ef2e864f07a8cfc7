import { useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { CopyButton } from '../components/copy-button.js';
import { Segments } from '../components/segments.js';
import { bytesText } from '../format/quantity.js';
import { ValueBox } from './value-box.js';
import { bestForm, byteLength, formattedJson, hexDump, type ValueForm } from './value-text.js';

const forms: readonly (readonly [ValueForm, string])[] = [
  ['text', 'Text'],
  ['json', 'JSON'],
  ['hex', 'Hex'],
];

export function ValueView({ value }: { readonly value: string }) {
  const [chosen, setChosen] = useState<ValueForm | undefined>(undefined);
  const json = formattedJson(value);
  const form = chosen === 'json' && json === undefined ? 'text' : (chosen ?? bestForm(value));
  return (
    <section aria-label="Value">
      <div class="value-head">
        <h3>Value</h3>
        <span class="section-note">{bytesText(byteLength(value))}</span>
        <Segments
          label="Form of the value"
          choices={forms}
          chosen={form}
          disabled={(name) => name === 'json' && json === undefined}
          onChoose={(name) => setChosen(forms.find(([known]) => known === name)?.[0])}
        />
        <CopyButton what="the value" label="Copy" text={value} />
      </div>
      {value === '' ? (
        <p class="state-note">The value is empty.</p>
      ) : (
        <ValueBox label="Value" text={shown(value, form, json)} />
      )}
    </section>
  );
}

function shown(value: string, form: ValueForm, json: string | undefined): string {
  switch (form) {
    case 'text':
      return value;
    case 'json':
      return json ?? value;
    case 'hex':
      return hexDump(value);
    default:
      return assertNever(form);
  }
}
