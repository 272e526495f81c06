"""What readers of any feed remember: manners, pages, pictures, where a category comes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import subscribers.columns
from digest.text.links import url_key

revision = '0002'
down_revision = '0001'

_FEEDS = (
    sa.Column('not_before', subscribers.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('manners', sa.Text(), server_default='', nullable=False),
    sa.Column('whole_at', subscribers.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('moved_to', sa.Text(), server_default='', nullable=False),
    sa.Column('moved_seen', sa.Integer(), server_default='0', nullable=False),
    sa.Column('moved_url', sa.Text(), server_default='', nullable=False),
    sa.Column('gone_at', subscribers.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('new_at', subscribers.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('rules_hash', sa.String(length=64), server_default='', nullable=False),
    sa.Column('refused_hash', sa.String(length=64), server_default='', nullable=False),
)
_POSTS = (
    sa.Column('page_read_at', subscribers.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('page_failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('page_html', sa.Text(), server_default='', nullable=False),
    sa.Column('page_image_url', sa.Text(), server_default='', nullable=False),
    sa.Column('page_image_alt', sa.Text(), server_default='', nullable=False),
    sa.Column('image_bytes', sa.Integer(), nullable=True),
)


def upgrade() -> None:
    """Bring the schema forward."""
    for column in _FEEDS:
        op.add_column('feeds', column)
    for column in _POSTS:
        op.add_column('posts', column)
    op.drop_index('post_sources_guid', 'post_sources')
    op.create_index('post_sources_guid', 'post_sources', ['guid', 'feed_id'], unique=False)
    op.create_index('post_sources_feed', 'post_sources', ['feed_id', 'post_id'], unique=False)
    op.create_index('posts_recent', 'posts', ['feed_id', 'mailable', 'first_seen_at'], unique=False)
    op.add_column('post_sources', sa.Column('labels', sa.Text(), server_default='[]', nullable=False))
    op.add_column(
        'comment_sources', sa.Column('kind', sa.String(length=16), server_default='feed', nullable=False)
    )
    _name_comments_alike()
    _file_categories_by_feed()
    _spell_links_anew()
    op.create_table('pictures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('use', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=64), server_default='', nullable=False),
    sa.Column('media_type', sa.String(length=32), server_default='', nullable=False),
    sa.Column('width', sa.Integer(), server_default='0', nullable=False),
    sa.Column('height', sa.Integer(), server_default='0', nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('fetched_at', subscribers.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('url', 'use')
    )
    op.create_index('pictures_name', 'pictures', ['name'], unique=False)


def _name_comments_alike() -> None:
    """Name a WordPress comment as every source of it does now: `comment-12`."""
    connection = op.get_bind()
    comments = sa.table('comments', sa.column('id'), sa.column('external_id'), sa.column('parent_external_id'))
    rows = connection.execute(sa.select(comments)).all()
    for row in rows:
        names = {
            name: 'comment-' + value.rpartition('#comment-')[2]
            for name, value in (
                ('external_id', row.external_id),
                ('parent_external_id', row.parent_external_id),
            )
            if value.rpartition('#comment-')[2].isdecimal() and '#comment-' in value
        }
        if names:
            connection.execute(sa.update(comments).where(comments.c.id == row.id).values(**names))


def _spell_links_anew() -> None:
    """Bring the keys of links to what links are compared by now."""
    connection = op.get_bind()
    sources = sa.table('post_sources', sa.column('post_id'), sa.column('feed_id'), sa.column('url_key'))
    for row in connection.execute(sa.select(sources)).all():
        key = url_key(row.url_key, keep_fragment=True)
        if key != row.url_key:
            is_row = sa.and_(sources.c.post_id == row.post_id, sources.c.feed_id == row.feed_id)
            connection.execute(sa.update(sources).where(is_row).values(url_key=key))


def _file_categories_by_feed() -> None:
    op.create_table('post_categories_by_feed',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('feed_id', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], ),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'feed_id', 'category')
    )
    op.execute(
        'INSERT INTO post_categories_by_feed (post_id, feed_id, category)'
        ' SELECT c.post_id, p.feed_id, c.category FROM post_categories c'
        ' JOIN posts p ON p.id = c.post_id'
    )
    op.drop_table('post_categories')
    op.rename_table('post_categories_by_feed', 'post_categories')
