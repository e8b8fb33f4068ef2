'use strict';

/* Before anything is drawn: the theme that was chosen here, else that of the system. */
try {
	const theme = localStorage.getItem('netifyd-theme');

	if (theme == 'dark' || theme == 'light')
		document.documentElement.setAttribute('data-theme', theme);
}
catch (e) { /* a closed storage: the system's */ }
