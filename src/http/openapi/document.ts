import type { ServiceContext } from '../../service/service-context.js';
import { pageReply } from '../cluster/json-page.js';
import type { TextResponse } from '../server/api-response.js';
import { type Operation, operations } from './operations.js';
import type { Parameter } from './parameters.js';
import { reference, schemas } from './schemas.js';

/** The API in a form that programs read. */
export function showOpenApi(context: ServiceContext): TextResponse {
  return pageReply(context, openApi(context.version));
}

export function openApi(version: string): object {
  const paths = [...new Set(operations.map(({ path }) => path))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Conclave',
      version,
      description:
        'Any member answers every request. Parameters may be in the query or in a form body, ' +
        'on every method. docs/api.md and docs/modules.md explain each request, with examples.',
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(paths.map((path) => [path, pathItem(path)])),
    components: { schemas },
  };
}

function pathItem(path: string): object {
  const [, name] = /\{(\w+)\}/.exec(path) ?? [];
  const description = 'may have slashes';
  const kept = name === 'id' ? {} : { description };
  const ofPath = { name, in: 'path', required: true, schema: { type: 'string' }, ...kept };
  const methods = operations.filter((operation) => operation.path === path);
  return {
    ...(name === undefined ? {} : { parameters: [ofPath] }),
    ...Object.fromEntries(
      methods.map((operation) => [operation.method, operationObject(operation)]),
    ),
  };
}

/** What a write is told may be long, so it is shown in the body. */
function operationObject(operation: Operation): object {
  const { method, summary, parameters, answers } = operation;
  const hasBody = method === 'put' || method === 'post';
  const responses = Object.entries(answers).map(([status, content]) => [
    status,
    {
      description: descriptionOf(status),
      ...(content === undefined ? {} : { content: mediaTypes(content) }),
    },
  ]);
  return {
    summary,
    ...(hasBody ? { requestBody: bodyOf(operation) } : { parameters: parameters.map(inQuery) }),
    responses: Object.fromEntries(responses),
  };
}

function descriptionOf(status: string): string {
  if (status === 'default') return 'refused, or not possible now: docs/api.md has every errorCode';
  return status.startsWith('2') ? 'success' : 'refused, or not possible now';
}

function mediaTypes(content: Readonly<Record<string, object>>): object {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
}

function inQuery({ name, description, schema }: Parameter): object {
  return { name, in: 'query', description, schema };
}

function bodyOf({ parameters, required, body }: Operation): object {
  if (body === undefined) return form(parameters, required);
  return { content: { 'application/json': { schema: reference(body) } } };
}

function form(parameters: readonly Parameter[], required: readonly string[]): object {
  const properties = parameters.map(({ name, description, schema }) => [
    name,
    { ...schema, description },
  ]);
  const schema = { type: 'object', properties: Object.fromEntries(properties), required };
  return { content: { 'application/x-www-form-urlencoded': { schema } } };
}
