import { curlLine } from '../api/curl.js';
import { deleteKey, deletionOf, type KeyNode, keyPath } from '../api/key-requests.js';
import { Confirmation } from '../components/confirmation.js';

interface DeleteKeyProps {
  readonly node: KeyNode;
  readonly onClose: () => void;
}

export function DeleteKey({ node, onClose }: DeleteKeyProps) {
  return (
    <Confirmation
      title={node.isFolder ? 'Delete a folder?' : 'Delete a key?'}
      label={node.isFolder ? 'Delete the folder and all in it' : 'Delete the key'}
      perform={() => deleteKey(node)}
      curl={curlLine('DELETE', keyPath(node.key), deletionOf(node))}
      onClose={onClose}
    >
      <p>
        <code>{node.key}</code>
        {node.isFolder
          ? ' and everything in it, hidden keys too, will be gone for every client.'
          : ' will be gone for every client. If somebody changes it before, it stays.'}
      </p>
    </Confirmation>
  );
}
