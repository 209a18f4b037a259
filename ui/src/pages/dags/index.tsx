import { Page } from "../../kit/Page";
import { Empty } from "../../kit/Placeholder";

export default function DAGsPage() {
	return (
		<Page title="DAGs">
			<Empty title="This page is being built" icon="edit" />
		</Page>
	);
}
