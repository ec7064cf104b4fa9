<?php
// nginx asks this before it lets a visitor past the meter: 204 for those who may edit posts, 403 for all others. Keep it outside
// the folder that nginx serves, and replace the folder of WordPress.
require '/srv/wordpress/wp-load.php';

if (current_user_can('edit_posts')) {
    header('X-WordPress-Editor: yes');
    http_response_code(204);
} else {
    http_response_code(403);
}
