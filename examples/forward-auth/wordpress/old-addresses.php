<?php
// Redirects the addresses that posts had before they were below /essays/, such as /ferries/ and /2026/11/ferries/. WordPress does not,
// because it takes these for addresses of pages. Copy it to wp-content/mu-plugins.
add_action('template_redirect', function () {
    if (!is_404()) {
        return;
    }
    $post = get_page_by_path(basename(strtok($_SERVER['REQUEST_URI'], '?')), OBJECT, 'post');
    if ($post && $post->post_status === 'publish') {
        wp_safe_redirect(get_permalink($post), 301);
        exit;
    }
});
