// The components' behaviour: fields tie their label, help and count to their input; an error summary takes focus.
import "@digdir/designsystemet-web/ds-error-summary";
import "@digdir/designsystemet-web/ds-field";
